#: type: null
#: message: no price for A-1
#: frames: total
use strict;
use warnings;

sub total {
    my ($cart) = @_;
    for my $line (@{ $cart->{lines} }) {
        die "no price for $line->{sku}" unless $line->{price}; #@ total
    }
    return 0;
}

print total({ lines => [{ sku => 'A-1' }] }), "\n";
