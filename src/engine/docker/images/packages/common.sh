# What the other scripts share. Certificates of the server's own settings are trusted here, and not in the image.
certificates=${0%/*}/certificates.pem
if [ -f "$certificates" ]; then
  export SSL_CERT_FILE="$certificates" PIP_CERT="$certificates" NODE_EXTRA_CA_CERTS="$certificates"
  export npm_config_cafile="$certificates"
  https="-o Acquire::https::CAInfo=$certificates"
fi
export DEBIAN_FRONTEND=noninteractive

apt_install() {
  command -v apt-get >/dev/null || { echo "the image has no apt-get to install $* with" >&2; exit 1; }
  # shellcheck disable=SC2086  # two words, or none
  apt-get ${https:-} update && apt-get ${https:-} install -y --no-install-recommends "$@"
  rm -rf /var/lib/apt/lists/*
}

# An installer that the image has not is there for as long as it is needed.
borrow() {
  command -v "$1" >/dev/null || { apt_install "$2"; borrowed=$2; }
}

give_back() {
  if [ -n "${borrowed:-}" ]; then apt-get purge -y --auto-remove "$borrowed"; fi
}
