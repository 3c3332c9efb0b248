# Stops every process of its group, itself too.
sleep 60 &
echo stopping
kill -STOP 0
echo CONTINUED
