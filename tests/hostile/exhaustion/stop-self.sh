echo stopping
kill -STOP $$
echo CONTINUED
