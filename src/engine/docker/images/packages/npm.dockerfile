ENV NODE_PATH=/usr/local/lib/node_modules
