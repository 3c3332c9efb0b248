# What is open when a program starts: its three streams. 255 is bash's own, for the script.
for fd in /proc/$$/fd/*; do
    number=${fd##*/}
    case $(readlink "$fd") in
        pipe:*) what=pipe ;;
        /box/main.sh) what=script ;;
        *) what=$(readlink "$fd") ;;
    esac
    [ -e "$fd" ] && echo "$number $what"
done
for number in {3..254}; do (exec >&"$number") 2>/dev/null && echo "BREACH: $number takes output"; done
echo 'done'
