#!/bin/bash
# Tries the static binary where there is nothing else: in a root with that file and the
# authorities of certificates alone.
#   scripts/static-test.sh [PROFILE | BINARY]     default: dist, which is built
# One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed. As root.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. scripts/checks.sh
[ "$(id -u)" = 0 ] || { skip "the static binary in an empty root: that takes root"; exit 0; }

if [ -f "${1:-}" ]; then binary=$1; else binary=$(scripts/static-build.sh "${1:-dist}") || exit 1; fi
[ -n "$binary" ] || { skip "the static binary can't be built here (see above)"; exit 0; }
work=$(mktemp -d /var/tmp/ccwatch-static.XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/etc/ssl/certs" "$root/root/.config/ccwatch" "$root/tmp"
cp "$binary" "$root/ccwatch"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null
inside() { env -i HOME=/root "$(command -v chroot)" "$root" /ccwatch "$@" 2>&1; }

if file -b "$binary" 2>/dev/null | grep -q "dynamically linked"; then fail "it needs libraries"; else ok "$(stat -c %s "$binary") bytes, static"; fi
said=$(inside --version) && ok "$said" || fail "--version: $said"
# An error that looks for the way that led to it does what a panic does.
said=$(env -i HOME=/root RUST_BACKTRACE=1 "$(command -v chroot)" "$root" /ccwatch --config /none status 2>&1)
[ $? = 78 ] && ok "an error with its backtrace" || fail "an error with its backtrace: $said"
echo green >"$work/mode"
python3 scripts/fake-page.py "$work/mode" "$work/port" &
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
printf '[page]\nurl = "http://127.0.0.1:%s"\nfallback = ""\n' "$(cat "$work/port")" >"$root/root/.config/ccwatch/config.toml"
said=$(inside status); [ $? = 0 ] && grep -q '^CLEAR' <<<"$said" && ok "status, green page" || fail "status: $said"
inside run >"$work/log" &
for _ in $(seq 100); do inside status -q >/dev/null; [ -f "$root/root/.local/state/ccwatch/ccwatch.db" ] && break; sleep 0.1; done
said=$(inside history --json) && grep -q '"version"' <<<"$said" && ok "a daemon, its database, history" || fail "history: $said"
pid=$(pgrep -f '^/ccwatch run' | head -1)
[ -n "$pid" ] && ok "resident $(awk '/VmRSS/ {print $2}' "/proc/$pid/status") kB, private $(awk '/RssAnon/ {print $2}' "/proc/$pid/status") kB" || fail "no daemon: $(cat "$work/log")"
# A name out of the root's own files, and a certificate of an authority that it trusts, and doesn't.
if command -v openssl >/dev/null; then
    key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2)
    openssl req -x509 "${key[@]}" -keyout "$work/ca.key" -out "$work/ca.pem" -subj "/CN=an authority" 2>/dev/null
    openssl req "${key[@]}" -keyout "$work/page.key" -out "$work/page.csr" -subj "/CN=page.example" 2>/dev/null
    openssl x509 -req -in "$work/page.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo "subjectAltName=DNS:page.example") -out "$work/page.pem" 2>/dev/null
    cat "$work/page.key" >>"$work/page.pem"
    python3 scripts/fake-page.py "$work/mode" "$work/tls.port" "$work/page.pem" &
    for _ in $(seq 100); do [ -s "$work/tls.port" ] && break; sleep 0.1; done
    echo "127.0.0.1 page.example" >"$root/etc/hosts"
    printf '[page]\nurl = "https://page.example:%s"\nfallback = ""\n' "$(cat "$work/tls.port")" >"$root/root/.config/ccwatch/config.toml"
    said=$(inside --state-dir /tmp/untrusted status); [ $? = 3 ] && grep -qi 'certificate' <<<"$said" && ok "https, an authority that isn't trusted: refused" || fail "an untrusted authority: $said"
    cat "$work/ca.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
    said=$(inside --state-dir /tmp/trusted status); [ $? = 0 ] && grep -q '^CLEAR' <<<"$said" && ok "https, a name of /etc/hosts, an authority of /etc/ssl/certs: CLEAR" || fail "https: $said"
else
    skip "https in an empty root: openssl is missing"
fi
# And there is no network to reach anything with.
: >"$root/root/.config/ccwatch/config.toml"
said=$(inside --state-dir /tmp/other status); [ $? = 3 ] && grep -q 'UNKNOWN' <<<"$said" && ok "https without a resolver: UNKNOWN, with the reason" || fail "https: $said"
[ -n "$pid" ] && kill "$pid"
exit $FAILED
