#!/bin/sh
# Ten of the desk's reported orders, taken through to the archive by commands alone.
#   REPAIRDESK_HOME=DIR sh ten_orders.sh repairdesk
# Wants staff C1 (clerk), W1 (technician) and L1 (leader), and a fee table with the services s001 and s002.
set -eu
desk=${1:-repairdesk}

# The number stands first in each line of a list that is piped.
"$desk" list --state reported --limit 10 2>/dev/null | tail -n +2 | cut -f 1 | while read -r number; do
    "$desk" assign "$number" W1 --as C1
    "$desk" accept "$number" --as W1
    "$desk" arrive "$number" --as W1
    # The resident agrees on site to what the fee table says of the two services: the higher one (FEE-3).
    "$desk" consent "$number" --fee 20.00 --as W1
    "$desk" start "$number" --as W1
    "$desk" finish "$number" --found "as reported" --result "repaired and tried" --service s001 --service s002 --as W1
    "$desk" sign "$number" --by "department concerned" --rating satisfied --as W1
    "$desk" close "$number" --as L1
    "$desk" archive "$number" --as C1
done | grep -c " archived " | sed 's/$/ orders archived/'
