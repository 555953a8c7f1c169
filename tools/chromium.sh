#!/bin/sh
# Make sure the browser tests find Chromium: install Debian's where it is missing and we may.
# Usual runs prefer its build without a window system, which does the same pages with a quarter of the work.
set -eu
[ -n "${OMNA_TEST_CHROMIUM:-}" ] && exit 0
command -v chromium-headless-shell >/dev/null && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null && exit 0
fi
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
    echo "The browser tests need Chromium: install it (apt-get install chromium), or set OMNA_TEST_CHROMIUM." >&2
    exit 1
fi
