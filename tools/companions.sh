#!/bin/sh
# Make sure CI has what tests use beside Omna: HAProxy, nginx and Prometheus, whose configurations they run, and a font that
# writes Chinese. Elsewhere those tests are skipped without them: what a machine has is its owner's decision.
set -eu
PATH="$PATH:/usr/sbin"
missing=
command -v haproxy >/dev/null || missing="$missing haproxy"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v promtool >/dev/null || missing="$missing prometheus"
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || missing="$missing fonts-droid-fallback"
[ -n "$missing" ] || exit 0
if [ -z "${CI:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    exit 0
fi
echo "installing for the tests:$missing …"
# Debian starts a service with its installation, unless this says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 - names of packages, separated by spaces
apt-get install -y -qq --no-install-recommends $missing >/dev/null
