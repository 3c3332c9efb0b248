# Installs Debian packages: their names are the arguments.
set -eu
. "${0%/*}/common.sh"
apt_install "$@"
