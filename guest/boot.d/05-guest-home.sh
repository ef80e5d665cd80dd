#!/bin/sh
# Home directories of users were called .linux once; either name leads there.
guest=/home/$LIMA_CIDATA_USER.guest linux=/home/$LIMA_CIDATA_USER.linux
if [ -d "$guest" ]; then
  [ -e "$linux" ] || [ -L "$linux" ] || ln -s "${guest##*/}" "$linux"
elif [ -d "$linux" ]; then
  [ -L "$guest" ] || ln -s "${linux##*/}" "$guest"
fi
