# Reads aria2c's log (level info) and writes how far the download is, one JSON line per second of the log.
# In: -v size=BYTES -v piece_length=BYTES -v head=ADDRESS -v have=BYTES -v from_head=BYTES -v from_peers=BYTES

function report() {
    printf "{\"have\":%.0f,\"size\":%.0f,\"from_head\":%.0f,\"from_peers\":%.0f}\n", have < size ? have : size, size, from_head, from_peers
    fflush()
}

# ... CUID#7 - From: 10.30.0.2:7052 piece index=3, begin=16384, length=16384
$7 == "From:" && $9 == "piece" {
    sub(/:[0-9]+$/, "", $8)
    sub(/^length=/, "", $12)
    if ($8 == head) from_head += $12
    else from_peers += $12
}

# ... CUID#7 - we got new piece. index=3       (it is said after the piece's SHA-1 was found right)
/ - we got new piece\. index=/ {
    index_of_piece = substr($NF, 7) + 0
    rest = size - index_of_piece * piece_length
    have += rest < piece_length ? rest : piece_length
    if (have >= size) {
        report()
        next
    }
}

substr($2, 1, 8) != second {
    second = substr($2, 1, 8)
    report()
}

END { report() }
