//: type: java.lang.IllegalArgumentException
//: message: "Währung „złoty“ → 💥"
//: frames: "companion_sequence.kt::ShopKt.main main of ... bridge lambda access check"
@file:JvmName("ShopKt")

class Money private constructor(val amount: Int) {
    companion object { //@ access Money$Companion.access$check; bridge Money$Companion$of$1.invoke
        fun of(texts: Sequence<String>): Int =
            texts.map { check(it) } //@ lambda Money$Companion$of$1.invoke
                .sum() //@ of Money$Companion.of

        private fun check(text: String): Int {
            require(text.endsWith("EUR")) { "Währung „$text“ → 💥" } //@ check Money$Companion.check
            return text.length
        }
    }
}

fun main() {
    println(Money.of(sequenceOf("złoty"))) //@ main ShopKt.main
}
