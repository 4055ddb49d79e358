export interface Product {
  sku: string;
  name: string | null;
}

export function label(product: Product): string {
  return `${product.sku} ${product.name!.toUpperCase()}`; //@ label label
}
