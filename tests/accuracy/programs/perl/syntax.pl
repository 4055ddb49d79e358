#: type: null
#: chain:
#: - {message: 'syntax error at /srv/shop/syntax.pl line 6, near "* ;"'}
#: - {frames: "syntax.pl:7:"}
#: blame: broken
use strict;
use warnings;

sub tax {
    my ($price) = @_;
    my $tax = $price * ; #@ broken
    return $tax;
}

print tax(3);
