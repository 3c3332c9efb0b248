# Each uses little; together they use all.
for _ in {1..40}; do (while :; do :; done) & done
wait
