# The job done by mawk in one pass: what `pvo logs` is compared with. Prints the contract's counters.
$7 == "New" && $8 == "SMTP" && $9 == "DCID" && $NF == "7025" { cpq[$10] = 1; connections++; next }
$7 == "DCID" && $9 == "TLS" && $10 == "success" && / the\.cpq\./ { ok++; next }
$7 == "DCID" && $9 == "TLS" && $10 == "failed:" { if ($8 in cpq) failed++; next }
$7 == "Delivery" && / to Centralized Policy Quarantine$/ { started++; if (!($12 in sent)) { sent[$12] = 1; messages++ } next }
$7 == "Message" && $8 == "done" && /\(centralized policy quarantine\)/ { done++; next }
$7 == "Connection" && $8 == "Error:" && $12 ~ /^the\.cpq\./ { cpq[$10] = 1; connections++; errors++; next }
$7 == "Delayed:" { if ($9 in cpq || $11 in waiting) delayed++; next }
$7 == "Bounced:" { if ($9 in cpq || $11 in waiting) bounced++; next }
$7 == "MID" && $9 == "enqueued" { waiting[$8] = 1; enqueued++; next }
$7 == "MID" && $9 == "released" && $11 == "quarantine" { released++; if (/\(queue full\)$/) full++; next }
$7 == "MID" && $9 == "deleted" && $11 == "quarantine" { deleted++; next }
$7 == "New" && $8 == "CPQ" { peer[$10] = 1; received++; next }
$7 == "ICID" && $10 == "SG" && ($8 in peer) { if ($9 == "RELAY" || $9 == "ACCEPT") accepted++; else rejected++; delete peer[$8] }
END {
    printf "{\"sent.connections\": %d, \"sent.tls_ok\": %d, \"sent.tls_failed\": %d, ", connections, ok, failed
    printf "\"sent.connection_errors\": %d, \"sent.started\": %d, \"sent.done\": %d, ", errors, started, done
    printf "\"sent.delayed\": %d, \"sent.bounced\": %d, \"sent.messages\": %d, ", delayed, bounced, messages
    printf "\"received.connections\": %d, \"received.accepted\": %d, \"received.rejected\": %d, ", received, accepted, rejected
    printf "\"quarantine.enqueued\": %d, \"quarantine.released\": %d, ", enqueued, released
    printf "\"quarantine.released_queue_full\": %d, \"quarantine.deleted\": %d}\n", full, deleted
}
