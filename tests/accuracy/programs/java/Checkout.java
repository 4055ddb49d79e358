//: type: java.lang.NullPointerException
//: message: 'Cannot invoke "String.length()" because the return value of "Customer.name()" is null'
//: frames: main total label
import java.util.List;

record Customer(String name, int discount) {}

public class Checkout {
    private final List<Customer> customers;

    Checkout(List<Customer> customers) {
        this.customers = customers;
    }

    int total() {
        int sum = 0;
        for (Customer customer : customers) {
            sum += label(customer); //@ total Checkout.total
        }
        return sum;
    }

    static int label(Customer customer) {
        return customer.name().length() - customer.discount(); //@ label Checkout.label
    }

    public static void main(String[] args) {
        System.out.println(new Checkout(List.of(new Customer(null, 1))).total()); //@ main Checkout.main
    }
}
