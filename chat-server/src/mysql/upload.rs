//! Uploaded files: their metadata, and the parts of those that are stored in the database.

use chat_domain::{
    id::{UploadId, UserId},
    upload::{ContentType, Upload},
};
use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Error, Result, Store};

#[derive(FromRow)]
struct UploadRow {
    id: u64,
    user_id: u64,
    content_type: String,
    bytes: u64,
    width: u32,
    height: u32,
}

impl Store {
    /// Inserts an upload.
    pub async fn insert_upload(&self, upload: &Upload, now: DateTime<Utc>) -> Result<()> {
        sqlx::query(
            "INSERT INTO uploads (id, user_id, content_type, bytes, width, height, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(upload.id.0)
        .bind(upload.user.0)
        .bind(upload.content_type.as_str())
        .bind(upload.bytes)
        .bind(upload.width)
        .bind(upload.height)
        .bind(now)
        .execute(self.pool())
        .await
        .map_err(Error::from_insert)?;
        Ok(())
    }

    /// Metadata of an upload.
    pub async fn find_upload(&self, upload: UploadId) -> Result<Option<Upload>> {
        let row: Option<UploadRow> = sqlx::query_as(
            "SELECT id, user_id, content_type, bytes, width, height FROM uploads WHERE id = ?",
        )
        .bind(upload.0)
        .fetch_optional(self.pool())
        .await?;
        row.map(upload_from_row).transpose()
    }

    /// Deletes an upload.
    pub async fn delete_upload(&self, upload: UploadId) -> Result<()> {
        sqlx::query("DELETE FROM uploads WHERE id = ?").bind(upload.0).execute(self.pool()).await?;
        Ok(())
    }

    /// Stores a part of a file, counted from 0.
    pub async fn insert_upload_part(&self, id: UploadId, part: u32, bytes: &[u8]) -> Result<()> {
        sqlx::query("INSERT INTO upload_parts (upload_id, part, bytes) VALUES (?, ?, ?)")
            .bind(id.0)
            .bind(part)
            .bind(bytes)
            .execute(self.pool())
            .await
            .map_err(Error::from_insert)?;
        Ok(())
    }

    /// A part of a file; `None` after the last one.
    pub async fn find_upload_part(&self, id: UploadId, part: u32) -> Result<Option<Vec<u8>>> {
        let bytes =
            sqlx::query_scalar("SELECT bytes FROM upload_parts WHERE upload_id = ? AND part = ?")
                .bind(id.0)
                .bind(part)
                .fetch_optional(self.pool())
                .await?;
        Ok(bytes)
    }

    /// Deletes all parts of a file.
    pub async fn delete_upload_parts(&self, id: UploadId) -> Result<()> {
        sqlx::query("DELETE FROM upload_parts WHERE upload_id = ?")
            .bind(id.0)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

fn upload_from_row(row: UploadRow) -> Result<Upload> {
    let UploadRow { id, user_id, content_type, bytes, width, height } = row;
    let wrong =
        || Error::Inconsistent { table: "uploads", column: "content_type", id: id.to_string() };
    let content_type = ContentType::parse(&content_type).ok_or_else(wrong)?;
    let (id, user) = (UploadId(id), UserId(user_id));
    Ok(Upload { id, user, content_type, bytes, width, height })
}
