#!/usr/bin/env bash
# Set up what `make` needs: system libraries, and a virtual environment from a lock file.
#
#   ./setup.sh run    to use the companion    (requirements.lock)
#   ./setup.sh dev    to work on it as well   (requirements-dev.lock)
#
# A second run finds everything in place and is over at once. The environment counts as ready when its stamp
# fits, and the stamp is written last: a set-up that was interrupted is made anew.
set -euo pipefail
cd "$(dirname "$0")"

venv=${VENV:-.venv}
case ${1:-} in
  run) lock=requirements.lock packages="libportaudio2" ;; # sound
  dev)
    lock=requirements-dev.lock
    packages="libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins flite"       # sound
    packages+=" dbus libglib2.0-bin dconf-gsettings-backend gnome-settings-daemon-common" # desktops, for shortcuts
    packages+=" cinnamon-desktop-data xfconf libxfconf-0-3 libkf5config-bin i3-wm"
    packages+=" systemd mosquitto openssl"                                                # the service, the broker
    ;;
  *) echo "usage: $0 run|dev" >&2; exit 2 ;;
esac

if [ "$(uname -m)" = aarch64 ]; then
  packages+=" libatomic1" # what Vosk's wheel there is linked with
fi

say() { echo "setup: $*"; }

if [ "$(uname)" != Linux ]; then
  say "make is for Linux; README.md tells how to install the companion elsewhere."
  exit 1
fi

# -- system packages --

missing_packages() {
  command -v dpkg-query >/dev/null || return 0 # no Debian: the companion itself says what it lacks
  local package
  for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
  ready || find_python >/dev/null || echo python3-venv
}

# Install with apt where that is permitted; otherwise name the command to type, and fail.
apt_install() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
  fi
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    say "something is missing. Please type:  sudo apt install $*"
    return 1
  fi
  say "installing $* with apt ..."
  "${as_root[@]}" apt-get update -qq 9>&- || say "apt could not look for newer packages; going on."
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$@" >/dev/null 9>&-; then
    say "apt failed. Please type:  sudo apt install $*"
    return 1
  fi
}

# -- the virtual environment --

# The first Python that is new enough and can make a virtual environment. For 3.12 there are no wheels of
# PocketSphinx 5.1.1; pip would have to compile it, so 3.12 comes last.
find_python() {
  local python
  for python in ${PYTHON:-} python3.13 python3.11 python3; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

new_venv() {
  local python
  if ! python=$(find_python); then
    say "cannot go on without Python 3.11 or newer and its venv module."
    exit 1
  fi
  say "making a virtual environment in $venv with $("$python" --version) ..."
  "$python" -m venv --clear "$venv"
}

# What an environment is made from. Its place is a part of that, for it cannot be moved.
stamp() { echo "$PWD $(cksum <pyproject.toml) $(cksum <"$1")"; }

ready() {
  local made
  made=$(cat "$venv/installed" 2>/dev/null) || return 1
  [ "$made" = "$(stamp "$lock")" ] || [ "$made" = "$(stamp requirements-dev.lock)" ] || return 1
  [ -x "$venv/bin/companion" ] && [ -x "$venv/bin/python" ]
}

# Run pip, showing a line for each thing that it fetches.
pip() {
  "$venv/bin/python" -m pip --disable-pip-version-check "$@" | sed -un 's/^Collecting \([^ ;]*\).*/setup:   \1/p'
}

fill_venv() {
  # One that was ready before is brought up to date; anything else may be half-made.
  if [ -f "$venv/installed" ] && "$venv/bin/python" -c "" 2>/dev/null \
      && [ "$(cut -d ' ' -f 1 "$venv/installed")" = "$PWD" ]; then
    rm "$venv/installed"
  else
    new_venv
  fi
  say "installing what $lock lists; this can take some minutes ..."
  if ! { pip install --require-hashes -r "$lock" && pip install --no-deps --no-build-isolation -e .; }; then
    say "pip failed, as it says above. With a connection to the internet, run this again."
    exit 1
  fi
  stamp "$lock" >"$venv/installed"
  say "ready."
}

# -- one at a time --

exec 9>"$venv.lock"
flock -n 9 || { say "waiting for another set-up to finish ..."; flock 9; }
missing=$(missing_packages)
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086 # one word a package
  apt_install $missing || say "going on without $(echo $missing)."
fi
ready || fill_venv
