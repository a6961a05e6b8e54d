#!/usr/bin/env bash
# Puts the clients that no Maven repository has into the folder $1, without installing anything on the machine: redis-py
# from Debian and, where there is npm, node-redis and ioredis. Does nothing the second time. What cannot be had is said
# and left out: the tests that need it are skipped with a reason.
set -u
NODE_REDIS=6.3.1
IOREDIS=6.0.0
PYTHON_PACKAGES="python3-redis python3-async-timeout python3-deprecated python3-wrapt python3-packaging
  python3-typing-extensions"
folder=$1
mkdir -p "$folder" && cd "$folder" || exit 1

if command -v python3 >/dev/null && command -v apt-get >/dev/null && command -v dpkg >/dev/null && [ ! -d python ]; then
  rm -rf python.new && mkdir python.new && cd python.new || exit 1
  for package in $PYTHON_PACKAGES; do
    timeout 60 apt-get -q download "$package" || echo "no $package"
  done
  for package in *.deb; do dpkg -x "$package" . && rm "$package"; done
  cd ..
  [ -d python.new/usr/lib/python3/dist-packages/redis ] && mv python.new/usr/lib/python3/dist-packages python
  rm -rf python.new
fi

if command -v node >/dev/null && command -v npm >/dev/null && [ ! -d node_modules ]; then
  rm -rf node.new && mkdir node.new && cd node.new || exit 1
  echo '{"private": true, "type": "module"}' >package.json
  timeout 120 npm install --no-audit --no-fund --no-save --loglevel=error "redis@$NODE_REDIS" "ioredis@$IOREDIS"
  cd ..
  [ -d node.new/node_modules/redis ] && [ -d node.new/node_modules/ioredis ] && mv node.new/node_modules node_modules
  rm -rf node.new
fi
exit 0
