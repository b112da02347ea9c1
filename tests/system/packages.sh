#!/bin/sh
# Debian packages that the system tests need. Installs what is missing when root; otherwise says what to install.
set -eu
missing=""
command -v chromium > /dev/null 2>&1 || missing="chromium"
command -v xmllint > /dev/null 2>&1 || missing="$missing libxml2-utils"
command -v openssl > /dev/null 2>&1 || missing="$missing openssl"
command -v xmlsec1 > /dev/null 2>&1 || missing="$missing xmlsec1"
find /usr/lib /usr/lib64 -path '*/engines-3/gost.so' 2> /dev/null | grep -q . || missing="$missing libengine-gost-openssl"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing > /dev/null
else
  echo "Нужны пакеты Debian / Debian packages are needed: $missing (apt-get install $missing)"
  exit 1
fi
