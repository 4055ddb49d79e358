//: type: Error
//: message: "Cannot find package 'stripe-client' imported from /app/module_missing.mjs"
//: frames: ...
//: blame: none
//: note: no frame is ours; the message names the file
import stripe from "stripe-client";

stripe.charge(3);
