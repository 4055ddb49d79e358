//: type: kotlin.TypeCastException
//: message: null cannot be cast to non-null type kotlin.String
//: frames: "cast_when.kt::ShopKt.main main label"
@file:JvmName("ShopKt")

sealed class Item

data class Named(val name: Any?) : Item()

fun label(item: Item): String = when (item) {
    is Named -> item.name as String //@ label ShopKt.label
}

fun main() {
    println(label(Named(null))) //@ main ShopKt.main
}
