#!/bin/bash
# Ending what runs and unmounting what is mounted, so that nothing of one try reaches the next. Part of luna-lib.sh.

# luna_descendants PID: the process and all that came from it, parents first.
luna_descendants() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
        # pid (comm) state ppid ...: comm may hold blanks and brackets
        { pid = $1; sub(/^.*\) [^ ] /, ""); parent[pid] = $1 }
        function print_tree(pid,    child) {
            print pid
            for (child in parent) if (parent[child] == pid) print_tree(child)
        }
        END { if (root in parent) print_tree(root) }'
}

# luna_end_tree PID [SIGNAL]: ends a process with its children; what does not go within two seconds is killed.
luna_end_tree() {
    local pids pid signal=${2-TERM} deadline=$((SECONDS + 2))
    read -r -d '' -a pids < <(luna_descendants "$1") || :
    [ ${#pids[@]} -gt 0 ] || return 0
    # from the parents down: a shell that starts again what ended must end first
    kill "-$signal" "${pids[@]}" 2>/dev/null || :
    kill -CONT "${pids[@]}" 2>/dev/null || :
    for pid in "${pids[@]}"; do
        while luna_is_running "$pid"; do
            [ $SECONDS -lt $deadline ] || kill -KILL "$pid" 2>/dev/null || :
            sleep 0.05
        done
    done
}

# Zombies, which wait for their parent to look, do not count.
luna_is_running() {
    local state
    state=$(sed 's/^.*) \(.\) .*/\1/' "/proc/$1/stat" 2>/dev/null) || :
    [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

# Ends what a session's leader left behind: background jobs of users' scripts. Daemons made a session of their own.
luna_end_session() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$1" '
        { pid = $1; sub(/^.*\) [^ ] /, ""); if ($3 == session) print pid }' |
        while read -r pid; do luna_end_tree "$pid"; done
}

luna_end_pid_file() {
    local file=$1 pid
    pid=$(cat "$file" 2>/dev/null) || return 0
    rm -f "$file"
    luna_end_tree "$pid" "${2-TERM}"
}

# luna_mounts_below DIR: mount points at and below DIR, the innermost first, as mountinfo spells them unescaped.
luna_mounts_below() {
    local point
    awk -v dir="$1" '
        $5 == dir || index($5, dir "/") == 1 { point[++count] = $5 }
        END { while (count) print point[count--] }' /proc/self/mountinfo |
        while read -r point; do printf '%b\n' "${point//\\/\\0}"; done
}

# Unmounts everything at and below DIR. Who holds it is ended; what is held even then is at least taken out of the tree.
luna_unmount_below() {
    local dir=$1 point
    while read -r point; do
        umount "$point" 2>/dev/null && continue
        luna_end_users_of "$dir"
        umount "$point" 2>/dev/null && continue
        luna_say "cannot unmount $point, detaching it"
        umount -l "$point"
    done < <(luna_mounts_below "$dir")
    ! mountpoint -q "$dir"
}

# Ends every process whose root, directory, program or open file is below DIR.
luna_end_users_of() {
    local link pid
    for link in /proc/[0-9]*/{root,cwd,exe,fd/*}; do
        case $(readlink "$link" 2>/dev/null) in "$1" | "$1"/*) ;; *) continue ;; esac
        pid=${link#/proc/}
        pid=${pid%%/*}
        [ "$pid" = $$ ] || [ "$pid" = 1 ] || kill -KILL "$pid" 2>/dev/null
    done
    sleep 0.2
}

# Back to where an installation starts: no client, nothing in or on /sysroot, no swap on the disks.
luna_clean_up() {
    luna-client stop
    if command -v swapoff >/dev/null; then swapoff -a; fi
    luna_unmount_below "$LUNA_STATE/image"
    luna_unmount_below "$LUNA_SYSROOT"
    mountpoint -q "$LUNA_SYSROOT" || find "$LUNA_SYSROOT" -xdev -mindepth 1 -delete
    rm -rf "$LUNA_STATE/image" "$LUNA_STATE/step"
}
