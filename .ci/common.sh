# Functions of the scripts beside this file, which source it. $root is a clone of the checkout,
# $work the folder to work in, $log the folder for what the tests print.

USER_ID=65534       # nobody

# Whether to become an ordinary user: where this is root, and may become another.
drops() {
    [ "$(id -u)" = 0 ] && setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups true 2>/dev/null
}

# as_user COMMAND...: run it as an ordinary user, with a home and temporary files in $work. NumPy
# keeps to one thread: two tests run at a time, and threads that wait for one another hold up all.
as_user() {
    local become=()
    if drops; then become=(setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups); fi
    "${become[@]}" env HOME="$work/home" TMPDIR="$work/tmp" OPENBLAS_NUM_THREADS=1 "$@"
}

# give_to_user FOLDER: let it belong to the user of as_user.
give_to_user() {
    if drops; then chown -R $USER_ID:$USER_ID "$1"; fi
}

# fresh_clone FOLDER: a clone that belongs to that user.
fresh_clone() {
    git clone --quiet --no-hardlinks "$root" "$1"   # a link would give $root's own files away
    give_to_user "$1"
}

# tested NAME COMMAND...: run tests; print one line with their result, and the end of their output
# if they fail. $as is what runs them, as_user unless it is set.
tested() {
    local name=$1 start=$SECONDS code=0
    shift
    "${as:-as_user}" "$@" >"$log/$name" 2>&1 </dev/null || code=$?
    printf '%-28s %4d s  %s\n' "$name" $((SECONDS - start)) "$(tail -n 1 "$log/$name")"
    if [ $code != 0 ]; then
        printf '\n%s FAILED with exit code %d:\n' "$name" $code
        tail -n 200 "$log/$name"
        return 1
    fi
}

# unchanged CLONE: fail if the commands have left files behind.
unchanged() {
    local left
    left=$(as_user git -C "$1" status --porcelain)
    test -z "$left" || { printf 'left behind in %s:\n%s\n' "$1" "$left"; return 1; }
}
