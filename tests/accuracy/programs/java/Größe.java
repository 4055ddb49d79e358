//: type: java.lang.IllegalArgumentException
//: message: "Größe „riesig“ gibt es nicht → 💥"
//: frames: main wähle
//: build: javac -encoding UTF-8 -d classes {file}
//: run: {"17": "java -Dfile.encoding=UTF-8 -cp classes Größe"}
public class Größe {
    static void wähle(String größe) {
        throw new IllegalArgumentException("Größe „" + größe + "“ gibt es nicht → 💥"); //@ wähle Größe.wähle
    }

    public static void main(String[] args) {
        wähle("riesig"); //@ main Größe.main
    }
}
