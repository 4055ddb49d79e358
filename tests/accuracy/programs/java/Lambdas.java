//: type: java.lang.ArithmeticException
//: message: / by zero
//: frames: main averages ... lambda average
import java.util.List;
import java.util.stream.Collectors;

public class Lambdas {
    static int average(List<Integer> prices) {
        return prices.stream().mapToInt(p -> p).sum() / prices.size(); //@ average Lambdas.average
    }

    static List<Integer> averages(List<List<Integer>> baskets) {
        return baskets.stream()
            .filter(basket -> basket != null)
            .map(basket -> average(basket)) //@ lambda Lambdas.lambda$averages$2
            .collect(Collectors.toList()); //@ averages Lambdas.averages
    }

    public static void main(String[] args) {
        averages(List.of(List.of(3, 4), List.of())); //@ main Lambdas.main
    }
}
