//: chain:
//: - {type: java.lang.IllegalStateException, message: prices cannot be read, frames: "lambda_cause.kt::ShopKt.main main prices"}
//: - {type: java.lang.NumberFormatException, message: 'For input string: "n/a"', frames: prices2 ...}
@file:JvmName("ShopKt")

fun prices(row: List<String>): List<Int> =
    try {
        row.map { it.trim().toInt() } //@ prices2 ShopKt.prices
    } catch (e: NumberFormatException) {
        throw IllegalStateException("prices cannot be read", e) //@ prices ShopKt.prices
    }

fun main() {
    println(prices(listOf("3", "n/a"))) //@ main ShopKt.main
}
