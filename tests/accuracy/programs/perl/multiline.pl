#: type: null
#: message: |-
#:   2 problems:
#:     price is missing
#:     quantity is "many"
#: frames: check
use strict;
use warnings;

sub check {
    my @problems = @_;
    die scalar(@problems) . " problems:\n", map({ "  $_\n" } @problems), 'given'; #@ check
}

check('price is missing', 'quantity is "many"');
