//! Writes the code of the protos from a descriptor set, which protoc made of them (`make generate`).

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(descriptors), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: outrigger-generator DESCRIPTOR_SET FOLDER".into());
    };
    let files = FileDescriptorSet::decode(fs::read(descriptors)?.as_slice())?;
    tonic_prost_build::configure()
        .btree_map(".")
        .bytes(".")
        .build_server(false)
        .build_transport(false)
        .out_dir(folder)
        .compile_fds(files)?;
    Ok(())
}
