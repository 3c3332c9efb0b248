# Installs packages from npm for all programs: their names are the arguments.
set -eu
. "${0%/*}/common.sh"
borrow npm npm
npm install --global --prefix /usr/local --no-fund --no-audit --no-update-notifier "$@"
give_back
rm -rf /root/.npm
# `require` looks where NODE_PATH says; `import` looks in the folders above the program only.
[ -e /node_modules ] || ln -s /usr/local/lib/node_modules /node_modules
