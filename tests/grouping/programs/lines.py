"""python lines.py: what services log as an error without a trace. A line a bug, three data each; the bug's name stands before a tab."""

LINES = {
    "declined": ("payment {} of customer {} declined by {} after {} ms", ("pay-81", "Ada", "bank-1.example.net", 302), ("pay-9917", "Grace", "10.0.7.12", 4100), ("pay-3", "Linus", "bank-2.example.net:8443", 18)),
    "refunded": ("payment {} of customer {} not refunded by {} after {} ms", ("pay-82", "Ada", "bank-1.example.net", 31), ("pay-13", "Barbara", "10.0.7.13", 92), ("pay-4470", "Ken", "bank-9.example.net", 700)),
    "connect": ("cannot connect to {}: connection refused", ("db-1.internal:5432",), ("10.1.2.3:5432",), ("[fe80::1]:5432",)),
    "resolve": ("cannot connect to {}: name or service not known", ("db-1.internal:5432",), ("db-17.internal:5432",), ("cache.internal:6379",)),
    "disk": ("write to {} failed: no space left on device ({} of {} used)", ("/var/lib/shop/7.log", "99%", "20 GB"), ("/srv/data/2026-03-04/x.bin", "100%", "512 MB"), ("/tmp/a", "99.8%", "1.5 TB")),
    "mail": ("mail {} to {} bounced: mailbox full", ("<20260304.17@shop.example>", "ada@example.com"), ("<9c1f00ab@shop.example>", "grace.h@example.org"), ("<1@shop.example>", "x+y@example.net")),
    "mail-unknown": ("mail {} to {} bounced: no such user", ("<20260304.17@shop.example>", "ada@example.com"), ("<77aa@shop.example>", "ken@example.org"), ("<2@shop.example>", "dmr@example.net")),
    "job": ("job {} gave up after {} attempts, next in {}", ("3f0e6a52-7c14-4e0f-9a3b-0d1c2b3a4f5e", 5, "10m"), ("b1946ac9-2492-4d23-8f47-aa1d5f2c0e11", 12, "1h30m"), ("00c0ffee-0000-4000-8000-000000000001", 3, "45s")),
}  # fmt: skip

for name, (text, *data) in LINES.items():
    for values in data:
        print(f"{name}\t{text.format(*values)}")
