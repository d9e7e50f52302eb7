//! How values become bytes and come back.

use std::error::Error;

use bytes::Bytes;

/// Why a value could not be turned into bytes, or back.
pub type CodecError = Box<dyn Error + Send + Sync>;

/// Turns values into bytes and back. A value that cannot be decoded counts as one that is not there.
pub trait Codec<T>: Send + Sync {
    /// The bytes of `value`.
    ///
    /// # Errors
    ///
    /// The value is not stored then.
    fn encode(&self, value: &T) -> Result<Bytes, CodecError>;

    /// The value of `bytes`.
    ///
    /// # Errors
    ///
    /// The value is loaded then.
    fn decode(&self, bytes: Bytes) -> Result<T, CodecError>;
}

/// JSON, of whatever serde can turn into it.
#[cfg(feature = "json")]
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

#[cfg(feature = "json")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Codec<T> for Json {
    fn encode(&self, value: &T) -> Result<Bytes, CodecError> {
        Ok(serde_json::to_vec(value)?.into())
    }

    fn decode(&self, bytes: Bytes) -> Result<T, CodecError> {
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Text as it is, in UTF-8.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text;

impl Codec<String> for Text {
    fn encode(&self, value: &String) -> Result<Bytes, CodecError> {
        Ok(Bytes::copy_from_slice(value.as_bytes()))
    }

    fn decode(&self, bytes: Bytes) -> Result<String, CodecError> {
        Ok(String::from_utf8(bytes.into())?)
    }
}

/// Bytes as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Raw;

impl Codec<Bytes> for Raw {
    fn encode(&self, value: &Bytes) -> Result<Bytes, CodecError> {
        Ok(value.clone())
    }

    fn decode(&self, bytes: Bytes) -> Result<Bytes, CodecError> {
        Ok(bytes)
    }
}

impl Codec<Vec<u8>> for Raw {
    fn encode(&self, value: &Vec<u8>) -> Result<Bytes, CodecError> {
        Ok(Bytes::copy_from_slice(value))
    }

    fn decode(&self, bytes: Bytes) -> Result<Vec<u8>, CodecError> {
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        assert_eq!(Text.decode(Text.encode(&"höher".into()).unwrap()).unwrap(), "höher");
        assert!(Text.decode(Bytes::from_static(&[0xff])).is_err());
        let bytes = Bytes::from_static(&[0, 255]);
        let back: Bytes = Raw.decode(Raw.encode(&bytes).unwrap()).unwrap();
        assert_eq!(back, bytes);
        let back: Vec<u8> = Raw.decode(Raw.encode(&vec![1, 2]).unwrap()).unwrap();
        assert_eq!(back, [1, 2]);
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_comes_back() {
        let encoded = Json.encode(&vec![1, 2]).unwrap();
        assert_eq!(&encoded[..], b"[1,2]");
        let back: Vec<u32> = Json.decode(encoded).unwrap();
        assert_eq!(back, [1, 2]);
        let wrong: Result<u32, _> = Json.decode(Bytes::from_static(b"{"));
        assert!(wrong.is_err());
    }
}
