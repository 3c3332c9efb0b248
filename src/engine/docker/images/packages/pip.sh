# Installs packages from PyPI for the image's own interpreter: their names are the arguments.
set -eu
. "${0%/*}/common.sh"
borrow pip3 python3-pip
export PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
pip3 install --no-cache-dir "$@"
give_back
