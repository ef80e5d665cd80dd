#!/bin/sh
# Where the workstation puts sockets for the user, such as the SSH agent's.
mkdir -p /run/host-services
chmod 700 /run/host-services
chown -R "$LIMA_CIDATA_USER" /run/host-services
