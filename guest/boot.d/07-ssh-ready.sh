#!/bin/sh
# From here on a login has its final environment.
echo "$LIMA_CIDATA_IID" >/run/lima-ssh-ready
