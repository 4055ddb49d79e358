//: type: Error
//: message: image 2 is broken
//: frames: main thumbnails ... resize
async function resize(image) {
  await new Promise((done) => setImmediate(done));
  if (image === 2) throw new Error(`image ${image} is broken`); //@ resize resize
  return image;
}

async function thumbnails(images) {
  return await Promise.all(images.map(resize)); //@ thumbnails thumbnails
}

await thumbnails([1, 2, 3]); //@ main
