//: type: System.TimeoutException
//: message: carrier did not answer in 00:00:03
//: frames: main serve ask
using System;
using System.Threading.Tasks;

namespace Shop
{
    public class Carrier
    {
        public async Task<int> Ask(string order)
        {
            await Task.Delay(1);
            throw new TimeoutException("carrier did not answer in " + TimeSpan.FromSeconds(3)); //@ ask Shop.Carrier.Ask
        }
    }

    public static class Program
    {
        static async Task<int> Serve(string order)
        {
            var carrier = new Carrier();
            return await carrier.Ask(order); //@ serve Shop.Program.Serve
        }

        public static void Main()
        {
            Console.WriteLine(Serve("17").GetAwaiter().GetResult()); //@ main Shop.Program.Main
        }
    }
}
