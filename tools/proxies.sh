#!/bin/sh
# Make sure CI has HAProxy and nginx, whose configurations tests run. Elsewhere those tests are skipped without them:
# what listens on a machine is its owner's decision.
set -eu
command -v haproxy >/dev/null && command -v nginx >/dev/null && exit 0
[ -x /usr/sbin/haproxy ] && [ -x /usr/sbin/nginx ] && exit 0
if [ -z "${CI:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    exit 0
fi
echo "installing HAProxy and nginx for the tests of deploy/ …"
# Debian starts a service with its installation, unless this says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends haproxy nginx-light >/dev/null
