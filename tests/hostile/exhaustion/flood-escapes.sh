# What a terminal would obey: clear, title, alternate screen, report requests, bells.
while :; do printf '\e[2J\e[H\e]0;owned\a\e[?1049h\e[6n\e[5n\e]52;c;b3duZWQ=\a\a\r\b\v\f'; done
