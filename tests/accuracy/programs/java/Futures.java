//: chain:
//: - {type: java.util.concurrent.ExecutionException, message: "java.lang.IllegalArgumentException: no rate for XAU", frames: main ...}
//: - {type: java.lang.IllegalArgumentException, message: no rate for XAU, frames: ... lambda rate}
import java.util.Map;
import java.util.concurrent.CompletableFuture;

public class Futures {
    static final Map<String, Double> RATES = Map.of("EUR", 1.0);

    static double rate(String currency) {
        if (!RATES.containsKey(currency)) {
            throw new IllegalArgumentException("no rate for " + currency); //@ rate Futures.rate
        }
        return RATES.get(currency);
    }

    public static void main(String[] args) throws Exception {
        CompletableFuture<Double> price = CompletableFuture.supplyAsync(() -> rate("XAU")); //@ lambda Futures.lambda$main$0
        System.out.println(price.get()); //@ main Futures.main
    }
}
