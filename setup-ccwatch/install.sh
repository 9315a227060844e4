#!/bin/bash
# Installs a released ccwatch for the steps that follow. The installer of a release compares the
# archive with the checksum that it carries.
#   VERSION          a version, or latest
#   CCWATCH_RELEASES where releases lie, else the project's own; only this machine may do without https
set -euo pipefail
releases=${CCWATCH_RELEASES:-https://github.com/ccwatch/ccwatch/releases}
case $releases in http://127.0.0.1:*) over='=http' ;; *) over='=https' ;; esac
case ${VERSION:-latest} in
  latest) from=$releases/latest/download ;;
  v[0-9]*) from=$releases/download/$VERSION ;;
  [0-9]*) from=$releases/download/v$VERSION ;;
  *) echo "::error::version: '$VERSION' is neither 'latest' nor a version such as 0.2.0"; exit 64 ;;
esac

into=$RUNNER_TEMP/ccwatch/bin
mkdir -p "$into"
curl --proto "$over" --tlsv1.2 -fsSL --retry 3 -o "$RUNNER_TEMP/ccwatch/installer.sh" "$from/ccwatch-installer.sh" ||
  { echo "::error::there is no release ${VERSION:-latest} of ccwatch, or it can't be reached: $from"; exit 69; }
CCWATCH_INSTALL_DIR=$into CCWATCH_NO_MODIFY_PATH=1 CCWATCH_PRINT_QUIET=1 sh "$RUNNER_TEMP/ccwatch/installer.sh"

program=$into/ccwatch
[ -x "$program" ] || { echo "::error::the installer left no ccwatch in $into"; exit 70; }
version=$("$program" --version)
echo "$version"
echo "$into" >>"$GITHUB_PATH"
echo "version=${version#ccwatch }" >>"$GITHUB_OUTPUT"
