# Totals per region and product from comma separated sales.
function money(cents) { return sprintf("%d.%02d", int(cents / 100), cents % 100) }

BEGIN { FS = " *, *" }
/^#/ || NF == 0 { next }
NF != 4 { bad++; print FILENAME ":" FNR ": expected 4 fields, found " NF > "/dev/stderr"; next }
{
    cents = $3 * $4
    region[$1] += cents
    product[$2] += cents
    total += cents
}
END {
    for (name in region) print "region\t" name "\t" money(region[name])
    for (name in product) print "product\t" name "\t" money(product[name])
    print "total\t-\t" money(total)
    exit bad > 0 ? 2 : 0
}
