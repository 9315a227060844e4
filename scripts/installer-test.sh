#!/bin/bash
# Tries the installer of a release where things go wrong: an archive that isn't there, is cut short or
# isn't the one that was released; no curl; a folder that may not be written to; an older ccwatch that
# runs; a home with spaces. Whatever fails leaves nothing behind.
#   scripts/installer-test.sh
# The program in the archive is a stand-in: the installer doesn't look into it. Needs `dist`, which writes
# the installer (cargo install cargo-dist), python3 and curl. Some seconds.
# One line a check: ok, FAIL, or SKIPPED with the reason. Exit code 1 if one failed.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. scripts/checks.sh
for tool in dist python3 curl; do
    command -v $tool >/dev/null || { skip "the installer: $tool is missing"; exit 0; }
done

work=$(mktemp -d)
clean_up() {
    # shellcheck disable=SC2046 # one word a process
    kill $(jobs -p) 2>/dev/null
    wait 2>/dev/null
    chmod -R u+w "$work"
    rm -rf "$work"
}
trap clean_up EXIT
printf '#!/bin/sh\n[ "${1:-}" != stay ] || read -r _\necho "ccwatch of the release"\n' >"$work/program"
chmod +x "$work/program"
scripts/local-release.sh "$work/program" "$work/good" || exit 1
archive=$(basename "$work"/good/*.tar.xz)
# The same addresses, with another archive behind each.
mkdir "$work"/{gone,cut,other}
head -c 100000 "$work/good/$archive" >"$work/cut/$archive"
(cat "$work/good/$archive" && echo) >"$work/other/$archive"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work" 0 >"$work/server.log" 2>&1 &
until grep -q 'port [0-9]' "$work/server.log"; do sleep 0.05; done
from=http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/server.log")

# A PATH with what the installer calls, but for the programs that are named.
path_without() {
    local folder; folder=$(mktemp -d "$work/path.XXXXXX")
    local tool
    for tool in sh awk cat chmod cp cut curl env file getconf grep head ldd ln ls mkdir mktemp mv rm sed sha256sum \
        tail tar touch uname wget xz; do
        [[ " $* " = *" $tool "* ]] || ln -sf "$(command -v $tool)" "$folder/" 2>/dev/null
    done
    echo "$folder"
}
# The installer in a new home, with spaces in its name: install FOLDER [VARIABLE=VALUE...]; sets `home`,
# `said` and `code`.
install() {
    local folder=$1; shift
    home=$(mktemp -d "$work/the home of a user.XXXXXX")
    mkdir "$home/tmp"
    again "$folder" "$@"
}
again() {
    local folder=$1; shift
    said=$("${as[@]}" env -i HOME="$home" TMPDIR="$home/tmp" PATH="$everything" CCWATCH_DOWNLOAD_URL="$from/$folder" \
        CCWATCH_NO_MODIFY_PATH=1 "$@" sh "$work/good/ccwatch-installer.sh" 2>&1)
    code=$?
}
works() { [ "$("$home/.local/bin/ccwatch")" = "ccwatch of the release" ]; }
# What is in the home that wasn't: nothing, but for empty folders and what was fetched into the system's /tmp.
left() { find "$home" -path "$home/tmp" -prune -o \( -type f -o -name 'tmp.*' \) -print; }
refused() {
    local what=$1 words=$2
    if [ "$code" = 0 ]; then fail "$what: it says that it succeeded: $said"
    elif ! grep -q "$words" <<<"$said"; then fail "$what: it doesn't say why: $said"
    elif [ -n "$(left)" ]; then fail "$what: it leaves $(left)"
    else ok "$what: refused, with the reason, nothing is left"; fi
}
everything=$(path_without)
as=()

install good
[ $code = 0 ] && works && ok "installed, in a home with spaces" || fail "installed: $said"
[ "$(left | grep -v -e '/.local/bin/ccwatch$' -e '/.config/ccwatch/ccwatch-receipt.json$')" = "" ] &&
    ok "two files: the program, and what dist notes of it" || fail "it left $(left)"
install good PATH="$(path_without curl)"
[ $code = 0 ] && works && ok "installed by wget, where there is no curl" || fail "by wget: $said"
install good PATH="$(path_without curl wget)"; refused "neither curl nor wget" "curl or wget"
install good PATH="$(path_without tar)"; refused "no tar" "tar"
install gone; refused "an archive that isn't there" "404"
install cut; refused "an archive that is cut short" "checksum mismatch"
install other; refused "an archive with a byte more" "checksum mismatch"
install nowhere CCWATCH_DOWNLOAD_URL=http://127.0.0.1:1; refused "nobody answers" "failed to download"

# Homebrew's formula has the same archive, by its checksum.
if command -v ruby >/dev/null; then
    said=$(ruby -c "$work/good/ccwatch.rb" 2>&1) && grep -q "$(cut -d' ' -f1 "$work/good/$archive.sha256")" "$work/good/ccwatch.rb" &&
        ok "the formula for Homebrew: ruby reads it, it knows the checksum" || fail "the formula: $said"
else
    skip "the formula for Homebrew: ruby is missing"
fi

# The step for GitHub Actions, as a runner calls it: step VERSION; sets `said`, `code` and `runner`.
mkdir -p "$work/latest" "$work/download" && ln -s ../good "$work/latest/download" && ln -s ../good "$work/download/v0.2.0"
step() {
    runner=$(mktemp -d "$work/runner.XXXXXX")
    said=$(env -i HOME="$runner" PATH="$PATH" RUNNER_TEMP="$runner" GITHUB_PATH="$runner/path" GITHUB_OUTPUT="$runner/output" \
        VERSION="$1" CCWATCH_RELEASES="$from" CCWATCH_DOWNLOAD_URL="$from/good" setup-ccwatch/install.sh 2>&1)
    code=$?
}
for version in latest 0.2.0 v0.2.0; do
    step $version
    [ $code = 0 ] && [ "$("$(cat "$runner/path")/ccwatch")" = "ccwatch of the release" ] && grep -q "^version=of the release" "$runner/output" &&
        ok "the step for GitHub Actions: $version" || fail "the step, $version: $said"
done
step 9.9.9
[ $code = 69 ] && grep -q "::error::there is no release 9.9.9" <<<"$said" && [ ! -e "$runner/path" ] &&
    ok "the step, of a version that isn't there: an error that names it" || fail "the step, 9.9.9: $code, $said"
step newest
[ $code = 64 ] && ok "the step, of what is no version: an error" || fail "the step, newest: $code, $said"

# Over one that runs: that one goes on with what it is, the next one is the new one.
install good
mkfifo "$work/fifo"
"$home/.local/bin/ccwatch" stay <"$work/fifo" >"$work/older" & older=$!
exec 7>"$work/fifo"
again good
[ $code = 0 ] && works && ok "installed over one that runs" || fail "over one that runs: $said"
again cut
[ $code != 0 ] && works && ok "an upgrade that fails leaves the program that was there" || fail "a failed upgrade: $said"
exec 7>&-; wait $older
grep -q "ccwatch of the release" "$work/older" && ok "the one that ran was not disturbed" || fail "the one that ran: $(cat "$work/older")"

# Root may write everywhere: somebody else tries it.
home=$(mktemp -d "$work/read only.XXXXXX")
mkdir -p "$home/.local/bin" "$home/tmp"
chmod 777 "$home/tmp" && chmod a-w "$home/.local/bin"
if [ "$(id -u)" = 0 ]; then chmod 755 "$work" "$home"; as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
again good; refused "a folder that may not be written to" "ermission denied"
as=()

# Which archive is taken where.
machine() {
    local folder; folder=$(path_without uname)
    printf '#!/bin/sh\ncase "$1" in -s) echo %s ;; -m) echo %s ;; *) echo %s ;; esac\n' "$1" "$2" "$1" >"$folder/uname"
    chmod +x "$folder/uname"
    install good PATH="$folder"
    grep -q "$3" <<<"$said" && ok "$1 on $2: $3" || fail "$1 on $2: $said"
}
machine Linux x86_64 ccwatch.0.2.0.x86_64-unknown-linux-musl
machine Linux aarch64 ccwatch-aarch64-unknown-linux-musl.tar.xz
machine Darwin x86_64 ccwatch-x86_64-apple-darwin.tar.xz
machine Darwin arm64 ccwatch-aarch64-apple-darwin.tar.xz
machine Linux riscv64 "there isn't a download for your platform"
exit $FAILED
