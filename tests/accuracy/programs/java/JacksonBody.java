//: type: com.fasterxml.jackson.databind.exc.InvalidFormatException
//: message: 'Cannot deserialize value of type `int` from String "two": not a valid `int` value'
//: frames: main read ...
//: run: {"17": "java -cp 'classes:/usr/share/java/*' JacksonBody"}
import com.fasterxml.jackson.databind.ObjectMapper;

public class JacksonBody {
    public static class Order {
        public String sku;
        public int quantity;
    }

    static Order read(String body) throws Exception {
        return new ObjectMapper().readValue(body, Order.class); //@ read JacksonBody.read
    }

    public static void main(String[] args) throws Exception {
        read("{\"sku\": \"A-1\", \"quantity\": \"two\"}"); //@ main JacksonBody.main
    }
}
