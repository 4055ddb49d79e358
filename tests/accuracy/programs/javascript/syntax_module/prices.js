const RATE = 0.21;

module.exports.tax = (price) => {
  const tax = price *
  return tax; //@ broken
};
