#!/bin/bash
# Talking with the head: the install script, reports of steps. Part of luna-lib.sh.
# shellcheck disable=SC2154 # luna_url, luna_node, luna_token come from luna_read_arguments

# luna_http SECONDS FILE QUERY [ARGUMENTS OF luna-fetch]: asks the head, writes the answer's body to FILE and prints the HTTP
# status, 000 when there is no answer. The token goes in by standard input: argv is for everyone to see. The head
# wants a port that only root can have.
luna_http() {
    local seconds=$1 file=$2 query=$3
    shift 3
    luna-fetch --headers-from-stdin --local-port 512-1023 --max-time "$seconds" --output "$file" "$@" \
        -- "$luna_url?$query&node=$luna_node" <<<"Luna-Token: $luna_token" 2>/dev/null || :
}

# luna_fetch_script FILE: returns when FILE holds a whole install script.
luna_fetch_script() {
    local file=$1 try=0 status
    while :; do
        rm -f "$file"
        status=$(luna_http 60 "$file" step=install)
        if [ "$status" = 200 ] && luna_is_whole "$file"; then return; fi
        try=$((try + 1))
        luna_explain_refusal "$status" "$file"
        luna_reboot_when_hopeless "$status" $try
        luna_pause $try
    done
}

# The last line says that nothing is missing: half a script must never run.
luna_is_whole() {
    [ "$(tail -n 1 "$1")" = '# luna: end of the install script' ]
}

luna_explain_refusal() {
    case $1 in
    000) luna_say "no answer from $luna_url, trying again" ;;
    200) luna_say "the install script came incomplete, trying again" ;;
    *)
        luna_say "the head refuses the install script (HTTP $1): $(luna_words "$2")"
        ;;
    esac
}

# The first words of an answer as one line.
luna_words() {
    head -c 500 "$1" 2>/dev/null | tr -cs '[:print:]' ' '
}

# A dead token (403) or a node that is no more (404) is mended by nothing but a new boot script, hence a new boot.
luna_reboot_when_hopeless() {
    case $1 in
    403) [ "$2" -ge 4 ] || return 0 ;;
    404) [ "$2" -ge 12 ] || return 0 ;;
    *) return 0 ;;
    esac
    luna_say 'rebooting to get a new boot script'
    sync
    luna_reboot
}

# Without asking anybody: in the initrd nobody is there to be asked.
luna_reboot() {
    echo b >/proc/sysrq-trigger
    sleep infinity
}

# luna_report STEP [KEY=NUMBER ...]: tells the head that STEP begins. Tried a few times only, success and failure
# longer: a report is worth much, but never the installation.
luna_report() {
    local step=$1 query tries=3 seconds=5 try=0 status
    shift
    mkdir -p "$LUNA_STATE"
    [ "$step" = install.failed ] || echo "$step" >"$LUNA_STATE/step"
    query="step=install&status=$step&uptime=$(cut -d ' ' -f 1 /proc/uptime)"
    while [ "${1-}" != "${1#*=}" ]; do
        query="$query&$1"
        shift
    done
    case $step in install.success | install.failed) tries=10 seconds=10 ;; esac
    while :; do
        status=$(luna_http $seconds "$LUNA_STATE/report.answer" "$query" "$@")
        case $status in 200 | 400 | 403 | 404) break ;; esac
        try=$((try + 1))
        [ $try -lt $tries ] || break
        luna_pause $((try > 4 ? 4 : try))
    done
    [ "$status" = 200 ] && return
    luna_say "the head did not take the report of $step (HTTP $status): $(luna_words "$LUNA_STATE/report.answer")"
}

# luna_report_failure STATUS LOG: the step that was begun last has failed; the log's end, which the consoles have shown
# as it came, goes along.
luna_report_failure() {
    local step
    step=$(cat "$LUNA_STATE/step" 2>/dev/null) || :
    step=${step:-install.request}
    tail -n 40 "$2" | tail -c 16000 >"$LUNA_STATE/last-words"
    luna_say "install.failed: $step ended with status $1, see the lines above"
    luna_report install.failed "failed_step=$step" "exit=$1" \
        --header 'Content-Type: text/plain' --data-binary "@$LUNA_STATE/last-words"
}
