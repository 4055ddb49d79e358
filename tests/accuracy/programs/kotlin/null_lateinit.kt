//: type: kotlin.UninitializedPropertyAccessException
//: message: lateinit property region has not been initialized
//: frames: "null_lateinit.kt::ShopKt.main main start region"
@file:JvmName("ShopKt")

class Config {
    lateinit var region: String

    fun host(): String = "$region.example" //@ region Config.host
}

fun start(config: Config): Int {
    return config.host().length //@ start ShopKt.start
}

fun main() {
    println(start(Config())) //@ main ShopKt.main
}
